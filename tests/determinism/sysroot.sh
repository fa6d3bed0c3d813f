#!/usr/bin/env bash
# tests/determinism/sysroot.sh ARCHITECTURE DIR
# The foreign libraries of the core for another processor, in DIR. Debian's packages of them are unpacked, not
# installed: beside those of this processor they would have to be of the very same version. apt keeps its lists of
# the other architecture in DIR, so that the machine's own settings stay as they are.
set -euo pipefail
architecture=$1 directory=$2
[ -e "$directory/complete" ] && exit 0
rm -rf "$directory"
mkdir -p "$directory"/apt/{lists/partial,cache/archives/partial} "$directory/usr/include"
directory=$(realpath "$directory")
apt=(apt-get -q -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture" -o "Dir::State=$directory/apt"
    -o "Dir::State::lists=$directory/apt/lists" -o Dir::State::status=/dev/null -o "Dir::Cache=$directory/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
cd "$directory/apt"
"${apt[@]}" download libsodium-dev libssl-dev
for package in ./*.deb; do
    dpkg -x "$package" "$directory"
done
# Headers only, the same for every processor; the rest of /usr/include is not.
ln -s /usr/include/boost "$directory/usr/include/boost"
cd ..
rm -rf apt
touch complete
