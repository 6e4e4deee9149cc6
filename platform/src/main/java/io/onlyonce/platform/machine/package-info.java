/** The machine and the versions of a run, for reports of measurements. */
package io.onlyonce.platform.machine;
