NAME = 'deeper in the package'
