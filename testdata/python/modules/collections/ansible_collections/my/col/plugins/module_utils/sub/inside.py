NAME = 'inside'
