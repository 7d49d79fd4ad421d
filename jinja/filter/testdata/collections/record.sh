#!/bin/sh
# Records what the filters and tests of community.general and ansible.utils
# make of every case in cases/*.txt. They are not in ansible-core: this makes a
# virtual environment that has the collections and the libraries they want.
#   sh record.sh [subject.txt ...]
set -eu
cd "$(dirname "$0")"
venv=${COLLECTIONS_VENV:-${CHURTEN_CACHE:-/var/cache/churten}/collections}
if [ ! -x "$venv/bin/ansible" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet 'ansible==12.3.0' 'ansible-core==2.19.14' 'jinja2==3.1.6' 'jmespath==1.1.0' 'netaddr==1.3.0' \
        'hashids==1.3.1' 'jsonpatch==1.47' 'fqdn==1.6.0' 'xmltodict==1.0.4'
fi
RECORD_DIR=$PWD exec "$venv/bin/python3" ../record.py "$@"
