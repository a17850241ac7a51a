/** Without characters that mean something to a shell, or to cmd. */
const noRuntime =
  'Sandbox Explorer: the editor that set up this host is gone. Open an editor that has Sandbox Explorer, then try again.';

/** Runs the ssh-proxy beside it with the first runtime that is there, from whatever shell; for POSIX systems. */
export const shellLauncher = `#!/bin/sh
# Written by Sandbox Explorer.
ulimit -c 0
here=\${0%/*}
# A debugger, or a module that is loaded first, is meant for somebody's own programs.
unset NODE_OPTIONS
export ELECTRON_RUN_AS_NODE=1
# Node keeps the compiled program there, which saves a quarter of the time to start.
export NODE_COMPILE_CACHE="$here/cache"
while IFS= read -r runtime <&3; do
  [ -x "$runtime" ] && exec "$runtime" "$here/ssh-proxy.js" "$@" 3<&-
done 3<"$here/../runtimes"
case $(node --version 2>/dev/null) in
  v2[2-9].*|v[3-9][0-9].*) exec node "$here/ssh-proxy.js" "$@" ;;
esac
echo '${noRuntime}' >&2
exit 255
`;

/** The same for Windows. */
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
  'for /f "usebackq delims=" %%r in ("%~dp0..\\runtimes") do if not defined runtime if exist "%%r" set "runtime=%%r"',
  'if defined page chcp %page% >nul',
  'if defined runtime goto run',
  'for /f "delims=v." %%v in (\'node --version 2^>nul\') do if %%v geq 22 set "runtime=node"',
  'if defined runtime goto run',
  `echo ${noRuntime}>&2`,
  'exit /b 255',
  ':run',
  '"%runtime%" "%~dp0ssh-proxy.js" %*',
  '',
].join('\r\n');
