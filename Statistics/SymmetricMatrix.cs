namespace Statistics;

/// <summary>A symmetric matrix by its lower triangle, and its Cholesky factor.</summary>
internal sealed class SymmetricMatrix
{
    private readonly double[][] _rows;

    public SymmetricMatrix(int size)
    {
        _rows = new double[size][];
        for (var row = 0; row < size; row++)
        {
            _rows[row] = new double[row + 1];
        }
    }

    public int Size => _rows.Length;

    /// <summary>An element; that across the diagonal is the same.</summary>
    public ref double this[int row, int column] => ref _rows[Math.Max(row, column)][Math.Min(row, column)];

    /// <summary>Adds the same to every element.</summary>
    public void Add(double value)
    {
        foreach (var row in _rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                row[column] += value;
            }
        }
    }

    /// <summary>Turns this into its Cholesky factor L with LLᵀ = this.</summary>
    /// <returns>Whether it is positive definite; if not, it is spoilt.</returns>
    public bool Factor()
    {
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var rest = _rows[row][column];
                for (var i = 0; i < column; i++)
                {
                    rest -= _rows[row][i] * _rows[column][i];
                }

                if (column < row)
                {
                    _rows[row][column] = rest / _rows[column][column];
                }
                else if (rest > 0 && double.IsFinite(rest))
                {
                    _rows[row][row] = Math.Sqrt(rest);
                }
                else
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Of a factor: solves LLᵀx = <paramref name="right"/>.</summary>
    public double[] Solve(IReadOnlyList<double> right)
    {
        var solution = Forward(right, 0);
        for (var row = Size - 1; row >= 0; row--)
        {
            for (var below = row + 1; below < Size; below++)
            {
                solution[row] -= _rows[below][row] * solution[below];
            }

            solution[row] /= _rows[row][row];
        }

        return solution;
    }

    /// <summary>Of a factor: the diagonal of (LLᵀ)⁻¹.</summary>
    public double[] InverseDiagonal()
    {
        var diagonal = new double[Size];
        var unit = new double[Size];
        for (var i = 0; i < Size; i++)
        {
            // A column of L⁻¹ is zero above the diagonal; the square of its length is the element sought.
            unit[i] = 1;
            diagonal[i] = Forward(unit, i).Sum(value => value * value);
            unit[i] = 0;
        }

        return diagonal;
    }

    private double[] Forward(IReadOnlyList<double> right, int from)
    {
        var solution = new double[Size];
        for (var row = from; row < Size; row++)
        {
            var rest = right[row];
            for (var i = from; i < row; i++)
            {
                rest -= _rows[row][i] * solution[i];
            }

            solution[row] = rest / _rows[row][row];
        }

        return solution;
    }
}
