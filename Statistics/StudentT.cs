namespace Statistics;

/// <summary>Student's t distribution, of any positive number of degrees of freedom.</summary>
public static class StudentT
{
    private const double Smallest = 1e-300;
    private const int MostSteps = 10_000;

    /// <summary>The value below which a share of the distribution lies.</summary>
    /// <param name="share">From 0.5 to below 1.</param>
    /// <param name="degrees">Degrees of freedom, over 0.</param>
    public static double Quantile(double share, double degrees)
    {
        var (low, high) = (0.0, 1.0);
        while (Below(high, degrees) < share)
        {
            (low, high) = (high, 2 * high);
        }

        for (var middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2)
        {
            (low, high) = Below(middle, degrees) < share ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>The share of the distribution below a value that is not negative.</summary>
    public static double Below(double value, double degrees) =>
        1 - IncompleteBeta(degrees / (degrees + value * value), degrees / 2, 0.5) / 2;

    // The regularized incomplete beta function by its continued fraction (DLMF 8.17.22), in Lentz's way.
    private static double IncompleteBeta(double x, double a, double b)
    {
        if (x is <= 0 or >= 1)
        {
            return x <= 0 ? 0 : 1;
        }

        if (x > (a + 1) / (a + b + 2))
        {
            return 1 - IncompleteBeta(1 - x, b, a); // DLMF 8.17.4; there the fraction converges fast.
        }

        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x)) / a;
        var (c, d) = (1.0, 1 / Away(1 - (a + b) * x / (a + 1)));
        var fraction = d;
        for (var m = 1; m < MostSteps; m++)
        {
            Step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
            var last = Step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
            if (Math.Abs(last - 1) < 1e-16)
            {
                break;
            }
        }

        return front * fraction;

        double Step(double numerator)
        {
            d = 1 / Away(1 + numerator * d);
            c = Away(1 + numerator / c);
            fraction *= c * d;
            return c * d;
        }
    }

    private static double Away(double value) => Math.Abs(value) < Smallest ? Smallest : value;

    // Stirling's series (DLMF 5.11.1) from 15 on; below, by the recurrence Γ(x + 1) = x Γ(x).
    private static double LogGamma(double x)
    {
        var product = 1.0;
        for (; x < 15; x++)
        {
            product *= x;
        }

        var square = 1 / (x * x);
        var series = (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188 - square * 691 / 360360))))) / x;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series - Math.Log(product);
    }
}
