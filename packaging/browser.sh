#!/bin/sh
# The browser that the tests drive: Debian's chromium, with a font that has Chinese. Installed where this may install;
# else says what is missing, and pytest lists the browser tests that it leaves out.
set -u

has() { command -v "$1" >/dev/null 2>&1; }
chinese() { has fc-list && [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; }

if has chromium && chinese; then exit 0; fi

if has apt-get && [ "$(id -u)" = 0 ]; then
    echo "Installing chromium for the browser tests …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk fonts-dejavu-core >/dev/null
fi

has chromium || echo "There is no chromium here: the browser tests are left out. As root: apt-get install chromium fonts-noto-cjk"
exit 0
