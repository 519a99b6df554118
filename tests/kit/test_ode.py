"""Solvers that make one evaluation a step."""

import math

import pytest
import torch

from studio.kit.ode import SOLVERS, advance, backwards, solve, start

ORDERS = {"euler": 1, "midpoint": 2, "heun": 2, "rk4": 4}


def growth(x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
    """dx/dt = (1 + 2 t) x, so that x(1) = e² x(0)."""
    return (1 + 2 * time) * x


def error(solver, steps):
    return abs(float(solve(growth, torch.ones(1, dtype=torch.float64), steps, solver)) - math.exp(2))


@pytest.mark.parametrize("solver", SOLVERS)
def test_that_halving_the_steps_size_cuts_the_error_by_the_solvers_order(solver):
    assert math.log2(error(solver, 64) / error(solver, 128)) == pytest.approx(ORDERS[solver], abs=0.15)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 7, 10])
def test_that_the_velocity_is_asked_exactly_as_often_as_declared_and_time_runs_out(solver, steps):
    asked = []

    def velocity(x, time):
        asked.append(float(time))
        return torch.ones_like(x)

    end = solve(velocity, torch.zeros(3, 2), steps, solver)
    assert len(asked) == steps
    torch.testing.assert_close(end, torch.ones(3, 2))
    assert min(asked) == 0.0
    assert max(asked) <= 1.0


def test_that_one_evaluation_is_an_euler_step_whatever_the_solver():
    for solver in SOLVERS:
        torch.testing.assert_close(solve(growth, torch.ones(1), 1, solver), torch.full((1,), 2.0))


def test_that_the_classical_runge_kutta_step_is_the_textbooks():
    x, h = torch.ones(1, dtype=torch.float64), 1.0
    f = lambda x, t: growth(x, torch.tensor(t, dtype=torch.float64))  # noqa: E731
    k1 = f(x, 0.0)
    k2 = f(x + h / 2 * k1, 0.5)
    k3 = f(x + h / 2 * k2, 0.5)
    k4 = f(x + h * k3, 1.0)
    torch.testing.assert_close(solve(growth, x, 4, "rk4"), x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))


def test_that_backwards_undoes_a_path():
    x = torch.randn(5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(solve(backwards(growth), solve(growth, x, 64), 64), x, atol=1e-5, rtol=0)


def test_that_whole_steps_alone_move_the_sample():
    carry = start(torch.ones(1))
    steps, solver = torch.tensor(8), torch.tensor(SOLVERS.index("rk4"))
    seen = []
    for i in range(8):
        carry = advance(growth, carry, torch.tensor(i), steps, solver)
        seen.append(float(carry["x"]))
    assert seen[0] == seen[1] == seen[2] == 1.0 < seen[3] == seen[4] == seen[6] < seen[7]
