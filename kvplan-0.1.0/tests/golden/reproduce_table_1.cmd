kvplan reproduce table-1
