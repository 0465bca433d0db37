

xPlaceholder*
dtype0
'
yPartitionedCallx*
f	R
againY
W

again
x
y*
morePartitionedCallx*
f	R
again"
ymore:output:0