import there_is_no_such_module


class FilterModule:
    def filters(self):
        return {'lost': there_is_no_such_module.lost}
