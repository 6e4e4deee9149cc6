@echo off
rem Runs Maven: mvnw.cmd verify. The Maven distribution is in .mvn\wrapper (reason: docs\decisions\0005-maven-in-the-repository.md).
rem Requires JAVA_HOME, the directory of a JDK 25 or newer.
setlocal EnableDelayedExpansion
set "WRAPPER=%~dp0.mvn\wrapper"
if not exist "%JAVA_HOME%\bin\jar.exe" (
  echo Set JAVA_HOME to the directory of a JDK 25 or newer. 1>&2
  exit /b 3
)
for /f "usebackq tokens=1,2" %%a in ("%WRAPPER%\maven.sha512") do (
  set "EXPECTED=%%a"
  set "ARCHIVE=%%b"
)
set "NAME=%ARCHIVE:-bin.zip=%"
if not defined MAVEN_USER_HOME set "MAVEN_USER_HOME=%USERPROFILE%\.m2"
set "DISTS=%MAVEN_USER_HOME%\wrapper\dists"
set "MAVEN=%DISTS%\onlyonce-%NAME%"
if not exist "%MAVEN%\bin\mvn.cmd" (
  set "ACTUAL="
  for /f "skip=1 delims=" %%h in ('certutil -hashfile "%WRAPPER%\%ARCHIVE%" SHA512') do if not defined ACTUAL set "ACTUAL=%%h"
  if /i not "!ACTUAL: =!"=="%EXPECTED%" (
    echo %WRAPPER%\%ARCHIVE% does not match maven.sha512. Restore it: git checkout -- .mvn 1>&2
    exit /b 3
  )
  set "UNPACKED=%DISTS%\unpacking.!RANDOM!"
  mkdir "!UNPACKED!" || exit /b 3
  pushd "!UNPACKED!"
  "%JAVA_HOME%\bin\jar.exe" xf "%WRAPPER%\%ARCHIVE%" || exit /b 3
  popd
  move "!UNPACKED!\%NAME%" "%MAVEN%" >nul
  rmdir /s /q "!UNPACKED!"
)
"%MAVEN%\bin\mvn.cmd" %*
