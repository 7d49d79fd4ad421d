"""A filter and its kin, as teams write them."""


def grown(number, by=1):
    return number + by


class FilterModule:
    def filters(self):
        return {'grown': grown}
