WHERE = 'at its new place'
