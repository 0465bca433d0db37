

xPlaceholder*
dtype0

v
VariableV2

yAddV2xv