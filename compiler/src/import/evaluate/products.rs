//! Products with a matrix.
//!
//! In: arrays. Out: an array. Never: takes more than one matrix as the second factor.

use super::arithmetic::spread;
use super::array::{Array, count};
use super::{Args, Computed};

/// A matrix, read by row and column, turned over or not.
struct Matrix<'a> {
    data: &'a [f64],
    rows: usize,
    columns: usize,
    turned: bool,
}

impl<'a> Matrix<'a> {
    fn of(x: &'a Array, turned: bool) -> Result<Self, String> {
        let &[rows, columns] = x.dims() else {
            return Err(format!(
                "it multiplies with {:?}, which is no matrix",
                x.dims()
            ));
        };
        let (rows, columns) = if turned {
            (columns, rows)
        } else {
            (rows, columns)
        };
        Ok(Self {
            data: x.data(),
            rows,
            columns,
            turned,
        })
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        if self.turned {
            self.data[column * self.rows + row]
        } else {
            self.data[row * self.columns + column]
        }
    }
}

/// y(i, j) = sum over k of a(i, k) b(k, j)
fn product(a: &Matrix<'_>, b: &Matrix<'_>) -> Result<Vec<f64>, String> {
    if a.columns != b.rows {
        return Err(format!("{} columns meet {} rows", a.columns, b.rows));
    }
    let mut y = Vec::with_capacity(count(&[a.rows, b.columns])?);
    for i in 0..a.rows {
        for j in 0..b.columns {
            y.push((0..a.columns).map(|k| a.at(i, k) * b.at(k, j)).sum());
        }
    }
    Ok(y)
}

/// alpha A B + beta C
pub(super) fn gemm(args: &Args<'_>) -> Computed {
    let turned = |name: &str| args.node.int(name).unwrap_or(0) != 0;
    let number = |name: &str| args.node.float(name).map_or(1.0, f64::from);
    let a = Matrix::of(args.array(0)?, turned("transA"))?;
    let b = Matrix::of(args.array(1)?, turned("transB"))?;
    let (alpha, beta, dims) = (number("alpha"), number("beta"), vec![a.rows, b.columns]);
    let mut y: Vec<f64> = product(&a, &b)?.into_iter().map(|y| alpha * y).collect();
    if let Some(c) = args.optional(2) {
        let c = spread(c, &dims)?;
        y.iter_mut().zip(c.data()).for_each(|(y, c)| *y += beta * c);
    }
    Ok(Array::floats(dims, y))
}

/// The product of the last dimension of an array with the rows of a matrix.
pub(super) fn matmul(args: &Args<'_>) -> Computed {
    let (x, b) = (args.array(0)?, Matrix::of(args.array(1)?, false)?);
    let Some((columns, outer)) = x.dims().split_last() else {
        return Err("it multiplies a single number".to_owned());
    };
    let a = Matrix {
        data: x.data(),
        rows: outer.iter().product(),
        columns: *columns,
        turned: false,
    };
    let dims = [outer, &[b.columns]].concat();
    Ok(Array::floats(dims, product(&a, &b)?))
}
