# Makes intervals.csv: apt-get install python3-scipy (Debian 12: scipy 1.10.1); python3 Analytics.Tests/Statistics/scipy/intervals.py
import math, os, random
from scipy import special, stats

# stats.t.ppf has eight digits where the degrees of freedom are no whole number.
def t975(degrees):
    return math.sqrt(degrees * (1 / special.betaincinv(degrees / 2, 0.5, 0.05) - 1))

random.seed(13)
rows = []
for case in range(30):
    n = [random.choice([2, 3, 5, 17, 60, 390, 5000]) for _ in range(2)]
    samples = [[random.gauss(60 + 10 * i, random.choice([1, 15, 30])) for _ in range(n[i])] for i in range(2)]
    mean = [sum(s) / len(s) for s in samples]
    sd = [math.sqrt(sum((v - m) ** 2 for v in s) / (len(s) - 1)) for s, m in zip(samples, mean)]
    v = [sd[i] ** 2 / n[i] for i in range(2)]
    degrees = sum(v) ** 2 / sum(v[i] ** 2 / (n[i] - 1) for i in range(2))
    low, high = (mean[0] - mean[1] + sign * t975(degrees) * math.sqrt(sum(v)) for sign in (-1, 1))
    rows.append(["means", n[0], mean[0], sd[0], n[1], mean[1], sd[1], mean[0] - mean[1], low, high])

def wilson(k, n):
    return stats.binomtest(k, n).proportion_ci(method="wilson")

# Newcombe 1998, table II: 56/70 and 48/80, 9/10 and 3/10, 10/10 and 0/20 among them.
pairs = [(56, 70, 48, 80), (9, 10, 3, 10), (10, 10, 0, 20), (0, 10, 0, 10), (1, 1, 0, 1), (243, 390, 99, 162), (0, 5000, 7, 5000)]
for k1, n1, k2, n2 in pairs:
    a, b, d = wilson(k1, n1), wilson(k2, n2), k1 / n1 - k2 / n2
    rows.append(["share", k1, n1, "", "", "", "", k1 / n1, a.low, a.high])
    rows.append(["shares", k1, n1, "", k2, n2, "", d,
        d - math.hypot(k1 / n1 - a.low, b.high - k2 / n2), d + math.hypot(a.high - k1 / n1, k2 / n2 - b.low)])
for degrees in (0.5, 1, 1.7, 2, 5, 29.3, 1000, 1e6):
    rows.append(["t", degrees, "", "", "", "", "", t975(degrees), "", ""])

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "intervals.csv"), "w") as file:
    file.write("what,a,b,c,d,e,f,estimate,low,high\n")
    for row in rows:
        file.write(",".join(repr(float(v)) if not isinstance(v, (str, int)) else str(v) for v in row) + "\n")
