# A load for monitors that must stay silent: nothing here hangs, hides or breaks in.
forkstorm 40
pingpong 300
sieve 60000 & walker 200 & pingpong 200 & wait
top 2
cat /etc/motd | sort | wc
threads 8
spin 20
truth
