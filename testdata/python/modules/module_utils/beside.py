def beside():
    return 'beside the playbook'
