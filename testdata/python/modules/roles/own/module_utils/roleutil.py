NAME = 'util of the role'
