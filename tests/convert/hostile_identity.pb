

xPlaceholder*
dtype0

aIdentityb

bIdentitya

cAddV2xa