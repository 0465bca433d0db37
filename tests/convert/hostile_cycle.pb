

xPlaceholder*
dtype0

aAddV2xb

bRelua

cRelub