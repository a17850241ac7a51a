/** Without characters that mean something to a shell, or to cmd. */
const noRuntime =
  'Sandbox Explorer: the editor that set up this host is gone, or does not start here. ' +
  'Open an editor that has Sandbox Explorer, or install Node.js 22 or newer, then try again.';

/** Runs the ssh-proxy beside it with the first runtime that works, from whatever shell; for POSIX systems. */
export const shellLauncher = `#!/bin/sh
# Written by Sandbox Explorer.
ulimit -c 0
here=\${0%/*}
# A debugger, or a module that is loaded first, is meant for somebody's own programs.
unset NODE_OPTIONS
export ELECTRON_RUN_AS_NODE=1
# Node keeps the compiled program there, which saves a quarter of the time to start.
export NODE_COMPILE_CACHE="$here/cache"
# Whether a program is a Node that is new enough. One that hangs is ended, and only its first line is waited for:
# what it has started may keep its output open.
works() {
  {
    "$1" --version &
    program=$!
    { trap 'kill $timer; exit' TERM; sleep 10 & timer=$!; wait $timer; kill -9 $program; } >/dev/null &
    guard=$!
    wait $program
    kill $guard
    echo
  } | {
    read -r version
    case $version in v2[2-9].*|v[3-9][0-9].*) true ;; *) false ;; esac
  }
} </dev/null 2>/dev/null 3<&-
while IFS= read -r runtime <&3; do
  [ -x "$runtime" ] && works "$runtime" && exec "$runtime" "$here/ssh-proxy.js" "$@" 3<&-
done 3<"$here/../runtimes"
works node && exec node "$here/ssh-proxy.js" "$@"
echo '${noRuntime}' >&2
exit 255
`;

/** The same for Windows, where cmd cannot end a program that hangs. */
export const cmdLauncher = [
  '@echo off',
  'rem Written by Sandbox Explorer.',
  'setlocal',
  // A program would be looked for in the working folder first, which may be anybody's.
  'set NoDefaultCurrentDirectoryInExePath=1',
  'set NODE_OPTIONS=',
  'set ELECTRON_RUN_AS_NODE=1',
  'set "NODE_COMPILE_CACHE=%~dp0cache"',
  'set "page="',
  'set "runtime="',
  // The names of the runtimes would be read in the code page of the console, which is the user's: it gets its own back.
  'for /f "tokens=2 delims=:." %%p in (\'chcp\') do set /a page=%%p >nul',
  'chcp 65001 >nul',
  '(',
  // A version is a number, which words are not: they come after all numbers, so that both ends are asked for.
  'for /f "usebackq delims=" %%r in ("%~dp0..\\runtimes") do if not defined runtime if exist "%%r" ' +
    'for /f "delims=v." %%v in (\'""%%r" --version"\') do if %%v geq 22 if %%v leq 99 set "runtime=%%r"',
  'if not defined runtime for /f "delims=v." %%v in (\'node --version\') do if %%v geq 22 if %%v leq 99 set "runtime=node"',
  ') <nul 2>nul',
  'if defined page chcp %page% >nul',
  'if defined runtime goto run',
  `echo ${noRuntime}>&2`,
  'exit /b 255',
  ':run',
  '"%runtime%" "%~dp0ssh-proxy.js" %*',
  '',
].join('\r\n');
