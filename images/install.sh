#!/bin/sh
# Installs what lies beside it, where there is no internet:
#
#   ./install.sh verify                                  whether everything is as it was packed
#   ./install.sh load registry HOST[/PATH]               puts the images into a registry
#   ./install.sh load containerd                         puts them into this machine's containerd
#   ./install.sh load folder FOLDER                      puts them into a folder in the OCI layout
#   ./install.sh print ENVIRONMENT [HOST[/PATH]]         the manifests, with images from there
#   ./install.sh apply ENVIRONMENT [HOST[/PATH]]         the same, into the cluster that kubectl knows
#
# Every step verifies first. Needs sha256sum and, to load, skopeo or ctr; to apply, kubectl.
set -eu
cd "$(dirname "$0")"

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

verify() {
  sha256sum --check --strict --quiet SHA256SUMS || fail "this bundle is damaged or was changed"
  # What nobody has counted was put there later.
  find . -type f ! -name SHA256SUMS | sort >.there
  sed 's/^[0-9a-f]*  //' SHA256SUMS | sort >.counted
  difference=$(diff .there .counted | grep '^< ' | grep -v '\./\.there$\|\./\.counted$' || true)
  rm -f .there .counted
  [ -z "$difference" ] || fail "this bundle holds more than was packed: $difference"
}

# Each line of images.txt: the file, a space, the name.
load() {
  [ $# -ge 1 ] || fail "load where? registry, containerd or folder"
  while read -r file name; do
    case "$1" in
      registry) skopeo copy "oci-archive:images/$file" "docker://${2:?the host of the registry is missing}/${name##*/}" ;;
      containerd) ctr --namespace k8s.io images import --index-name "docker.io/library/${name##*/}" "images/$file" ;;
      folder) skopeo copy "oci-archive:images/$file" "oci:${2:?the folder is missing}:$name" ;;
      *) fail "load where? registry, containerd or folder" ;;
    esac
  done <images.txt
}

manifests() {
  [ $# -ge 1 ] || fail "which environment? $(cd manifests && echo *.yaml)"
  [ -f "manifests/$1.yaml" ] || fail "there is no environment $1"
  [ ! -s missing.txt ] || echo "install.sh: these images are not in the bundle: $(tr '\n' ' ' <missing.txt)" >&2
  if [ -z "${2:-}" ]; then cat "manifests/$1.yaml"; else
    sed -E "s#^( *(- )?image: )([^[:space:]]*/)?([^/[:space:]]+)\$#\\1$2/\\4#" "manifests/$1.yaml"
  fi
}

[ $# -ge 1 ] || fail "what? verify, load, print or apply"
command=$1
shift
verify
case "$command" in
  verify) echo "all as packed" ;;
  load) load "$@" ;;
  print) manifests "$@" ;;
  apply) manifests "$@" | kubectl apply -f - ;;
  *) fail "what? verify, load, print or apply" ;;
esac
