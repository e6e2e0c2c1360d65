# For `source`: what a new machine has. An empty HOME and an empty TMPDIR, made for the run and removed with it, and no package above them.
# Of the user's own files two kinds stay in use, each by its explicit name: caches, and the settings of registries.

area=''

enter_new_machine() {
  local servers=${S3PP_SERVERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/s3-parallel-put/servers}
  local npm_cache npm_settings
  npm_cache=$(npm config get cache)
  npm_settings=$(npm config get userconfig)
  # Of Go, `go env -w` keeps settings in GOENV. An offline machine without Go gets as far as the real servers.
  if command -v go >/dev/null; then
    local name
    for name in GOENV GOPATH GOMODCACHE GOCACHE; do export "$name=$(go env "$name")"; done
  fi
  area=$(realpath "$(mktemp -d)")
  # Run as root, tests of what may not be read act as another user, who has to get to their folders.
  chmod 755 "$area"
  mkdir "$area/home" "$area/tmp"
  export HOME=$area/home TMPDIR=$area/tmp
  export S3PP_SERVERS_CACHE=$servers npm_config_cache=$npm_cache npm_config_userconfig=$npm_settings
  # The folders of XDG are below HOME; TEMP and TMP are other names of TMPDIR; NODE_PATH lends packages to every program.
  unset XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME TEMP TMP NODE_PATH
  refuse_packages_above "$PWD"
  refuse_packages_above "$TMPDIR"
}

leave_new_machine() {
  if [[ -n $area ]]; then rm -rf "$area"; fi
}

# Node looks for a package in the node_modules of every folder above the program, so one there hides that ours lacks it.
refuse_packages_above() {
  local folder
  folder=$(realpath "$1")
  while [[ $folder != / ]]; do
    folder=$(dirname "$folder")
    if [[ -e ${folder%/}/node_modules ]]; then
      printf '%s lies above %s. What is in it hides packages that are missing here; run this where there is none.\n' \
        "${folder%/}/node_modules" "$1" >&2
      exit 2
    fi
  done
}
