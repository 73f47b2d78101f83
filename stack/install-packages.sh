#!/bin/sh
# Installs Debian packages, as root: install-packages.sh PACKAGE…
# The packages' own services are kept from starting, by a policy that is there only meanwhile; one that is there already stays
# as it is. The private instances need none of these services.
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

# A machine that has never fetched the lists of packages has none to look in; lists that are too old name files that are gone.
if ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 && install "$@"; then
  exit 0
fi
apt-get -q update
install "$@"
