#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule


def main():
    m = AnsibleModule(dict(x=dict(type='int')), supports_check_mode=True)
    m.exit_json(changed=True, x2=m.params['x'] * 2)


if __name__ == '__main__':
    main()
