#!/bin/sh
# Installs Debian packages, as root: install-packages.sh PACKAGE…
# A temporary policy keeps the packages' own services from starting; the private instances need none
# of them. An existing policy stays as it is.
set -eu

export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
mark='# lectern: no service starts while its package is installed'

if [ ! -e "$policy" ] || grep -qxF "$mark" "$policy"; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi

install() {
  apt-get -q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@"
}

# A new machine has no package lists, and old lists name deleted files: both need an update first.
if ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 && install "$@"; then
  exit 0
fi
apt-get -q update
install "$@"
