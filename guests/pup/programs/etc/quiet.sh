# The fixed program set: no input, no interrupts needed. Every variant can run it.
ls /
ls /bin
ls /dev
echo one two "three four"
cat /etc/motd | wc
cat /etc/motd | sort -r
ps | wc
nosuchprogram
cat /nosuchfile
forkstorm 12
pingpong 50
walker 40
sieve 5000
threads 3
crash all
badcalls
sleep 5
sieve 1000 & sieve 2000 & wait
ret2usr all
rootkit filter 10
rootkit unlink 10
free
truth
