class TestModule:
    def tests(self):
        return {'tiny': lambda s: len(s) < 3, 'above': lambda n, m: n > m}
