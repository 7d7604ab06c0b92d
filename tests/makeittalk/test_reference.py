"""The reference itself, by cases worked out by hand. tanh(ln 3) = 0.8, sigmoid(ln 3) = 0.75, sigmoid(-ln 3) = 0.25."""

import math

import numpy as np
import pytest

from tests.makeittalk import reference

LN3 = math.log(3)


def _lstm(weight_ih=(0, 0, 0, 0), weight_hh=(0, 0, 0, 0), bias=(0, 0, 0, 0), *, end=""):
    """One unit, one input; rows i f g o."""
    return {
        f"weight_ih_l0{end}": np.array(weight_ih, float)[:, None],
        f"weight_hh_l0{end}": np.array(weight_hh, float)[:, None],
        f"bias_ih_l0{end}": np.array(bias, float),
        f"bias_hh_l0{end}": np.zeros(4),
    }


def test_lstm_gates_stand_in_the_order_i_f_g_o():
    steps = np.zeros((3, 1))
    said = reference.lstm(steps, _lstm(bias=(LN3, -LN3, LN3, LN3)))[:, 0]
    cell = 0.75 * 0.8  # i g
    expected = []
    for _ in range(3):
        expected.append(0.75 * math.tanh(cell))
        cell = 0.25 * cell + 0.75 * 0.8
    assert said == pytest.approx(expected, rel=1e-14)


def test_lstm_hears_its_input_and_its_last_word():
    part = _lstm(weight_ih=(0, 0, 1, 0), weight_hh=(0, 0, 2, 0))
    first, second = reference.lstm(np.array([[LN3], [0.0]]), part)[:, 0]
    assert first == pytest.approx(0.5 * math.tanh(0.5 * 0.8), rel=1e-14)
    assert second == pytest.approx(0.5 * math.tanh(0.5 * 0.4 + 0.5 * math.tanh(2 * first)), rel=1e-14)


def test_lstm_reverse_half_reads_from_the_end():
    part = _lstm(weight_ih=(0, 0, 1, 0)) | _lstm(weight_ih=(0, 0, 1, 0), end="_reverse")
    said = reference.lstm(np.array([[LN3], [0.0]]), part)
    alone = 0.5 * math.tanh(0.4)
    after = 0.5 * math.tanh(0.2)
    assert said == pytest.approx(np.array([[alone, alone], [after, 0.0]]), rel=1e-14)


def test_convolution_is_a_correlation_with_zeros_outside():
    kernel = np.array([[[1.0, 10, 100, 1000, 10000]]])
    impulse = np.array([[0.0, 0, 0, 1, 0]])
    assert reference.convolution(impulse, kernel, np.array([0.5])).tolist() == [[0.5, 10000.5, 1000.5, 100.5, 10.5]]


def test_convolution_adds_up_its_channels():
    kernel = np.zeros((1, 2, 5))
    kernel[0, :, 2] = [2, 3]
    assert reference.convolution(np.array([[1.0, 2], [10, 20]]), kernel, np.zeros(1)).tolist() == [[32, 64]]


def test_group_norm_takes_all_frames_of_a_group():
    signal = np.array([[1.0, 3], [5, 7], [2, 2], [4, 4]])  # groups: mean 4, variance 5; mean 3, variance 1
    normed = reference.group_norm(signal, 2, np.array([1.0, 2, 1, 1]), np.array([0.0, 0, 0, 10]))
    a, b = 1 / math.sqrt(5 + 1e-5), 1 / math.sqrt(1 + 1e-5)
    assert normed == pytest.approx(np.array([[-3 * a, -a], [2 * a, 6 * a], [-b, -b], [10 + b, 10 + b]]), rel=1e-14)


def test_batch_norm_uses_the_statistics_it_is_given():
    part = {"running_mean": 1.0, "running_var": 4.0 - 1e-5, "weight": 3.0, "bias": 0.25}
    assert reference.batch_norm(np.array([5.0]), part) == pytest.approx([6.25])


def test_standard_norm_divides_by_the_unbiased_deviation():
    part = {"alpha": np.array([1.0, 2]), "bias": np.array([0.0, 5])}
    normed = reference.standard_norm(np.array([[0.0, 2]]), part)  # deviation sqrt(2)
    assert normed == pytest.approx(np.array([[-1, 2]]) / (math.sqrt(2) + 1e-6) + [0, 5], rel=1e-14)


def test_position_table_of_four_features():
    expected = [
        [0, 1, 0, 1],
        [math.sin(1), math.cos(1 / 100), math.sin(1 / 10_000), math.cos(1 / 1_000_000)],
        [math.sin(2), math.cos(2 / 100), math.sin(2 / 10_000), math.cos(2 / 1_000_000)],
    ]
    assert reference.position_table(3, 4) == pytest.approx(np.array(expected), rel=1e-14)


def _attention(query, key):
    identity, nothing = np.eye(2), np.zeros(2)
    named = {"q_linear": query * identity, "k_linear": key * identity, "v_linear": identity, "out": identity}
    return {f"{name}.{part}": value for name, w in named.items() for part, value in (("weight", w), ("bias", nothing))}


def test_attention_without_a_question_is_the_mean():
    steps = np.array([[1.0, 0], [3, 10]])
    assert reference.attention(steps, _attention(0, 1), 1) == pytest.approx(np.array([[2.0, 5], [2, 5]]))


def test_attention_heads_look_at_their_own_features():
    steps = np.array([[1.0, 0], [0, 1]])
    scale = LN3  # head 0: the scores of step 0 are (ln 3, 0), shares 3/4 and 1/4; of step 1 both are 0
    expected = np.array([[0.75, 0.5], [0.5, 0.75]])
    assert reference.attention(steps, _attention(scale, 1), 2) == pytest.approx(expected, rel=1e-14)


def test_attention_scores_are_divided_by_the_root_of_the_width():
    steps = np.array([[math.sqrt(2), 0.0], [0, 0]])
    shares = reference.attention(steps, _attention(LN3, 1), 1)[0, 0] / math.sqrt(2)
    assert shares == pytest.approx(3 ** math.sqrt(2) / (3 ** math.sqrt(2) + 1), rel=1e-14)  # 2 ln 3 / sqrt(2)


def test_leaky_and_perceptron():
    part = {
        "0.weight": np.array([[1.0], [-1]]),
        "0.bias": np.zeros(2),
        "2.weight": np.ones((1, 2)),
        "2.bias": np.ones(1),
    }
    assert reference.perceptron(np.array([2.0]), part, 0.02) == pytest.approx([2 - 2 * 0.02 + 1])


def test_codes_are_the_forward_end_and_the_backward_begin():
    """With no convolution to speak of (their gains are 0, offsets 1), the codes are those of the LSTM on ones."""
    rng = np.random.default_rng(0)
    part = {}
    for index, width in enumerate((336, 512, 512)):
        part |= {
            f"convolutions.{index}.0.conv.weight": np.zeros((512, width, 5)),
            f"convolutions.{index}.0.conv.bias": np.zeros(512),
            f"convolutions.{index}.1.weight": np.zeros(512),
            f"convolutions.{index}.1.bias": np.ones(512),
        }
    lstm = {}
    for layer, width in ((0, 512), (1, 32)):
        for end in ("", "_reverse"):
            lstm |= {
                f"weight_ih_l{layer}{end}": rng.normal(size=(64, width)) / 20,
                f"weight_hh_l{layer}{end}": rng.normal(size=(64, 16)) / 4,
                f"bias_ih_l{layer}{end}": rng.normal(size=64),
                f"bias_hh_l{layer}{end}": rng.normal(size=64),
            }
    both = reference.lstm(np.ones((32, 512)), lstm)
    part |= {f"lstm.{name}": value for name, value in lstm.items()}
    codes = reference.autovc_codes(rng.normal(size=(32, 80)), rng.normal(size=256), part)
    assert np.array_equal(codes[:, :16], both[[15, 31], :16])
    assert np.array_equal(codes[:, 16:], both[[0, 16], 16:])
