class FilterModule:
    def filters(self):
        return {'of_col': lambda s: 'collection ' + s, 'fails': lambda s: 1 // 0}
