import numpy as np

from widelimit.studies.decoder import surface_code
from widelimit.studies.decoder.five_qubit_study import five_qubit_study
from widelimit.studies.decoder.surface_code_study import _unseen, surface_code_study


def labelled(dataset):
    return all({"long_name", "units"} <= set(v.attrs) for v in dataset.variables.values())


def test_the_five_qubit_study():
    found = five_qubit_study(
        0, error_rate=0.1, samples=[50, 3000], draws=2, widths=[32], steps=200, shots=50_000
    )
    assert labelled(found)
    assert list(found.decoder.values) == ["NTK", "network, width 32"]
    optimum = float(np.interp(0.1, found.p, found.most_likely))
    assert (found.rate >= optimum - 1e-4).all()
    many = found.rate.sel(decoder="NTK", training=3000).mean()
    assert optimum - 1e-4 <= float(many) < 1.1 * optimum
    low, high = found.sampled_interval.isel(p_check=1).values
    assert low < optimum < high


def test_the_surface_code_study():
    found = surface_code_study(
        0, distance=3, error_rates=[0.01], train=500, test=600, width=16, steps=50
    )
    assert labelled(found)
    assert (found.excess.sel(decoder="matching", subset="all shots") == 0).all()
    rates = found.rate.sel(subset="all shots", p=0.01)
    assert float(rates.sel(decoder="matching")) < float(rates.sel(decoder="no correction"))
    all_shots, unseen = found.shots.isel(p=0).values
    assert all_shots == 600 > unseen > 0


def test_shots_follow_from_the_seed():
    circuit = surface_code.memory_circuit(3, 0.01)
    a, b = surface_code.sample(circuit, 50, 1), surface_code.sample(circuit, 50, 1)
    assert np.array_equal(a.events, b.events)
    assert a.flips.shape == (50,)


def test_matching_corrects_every_single_fault():
    """A code of distance 3 corrects any one elementary error of its circuit."""
    circuit = surface_code.memory_circuit(3, 0.001)
    model = circuit.detector_error_model(decompose_errors=True).flattened()
    events, flips = [], []
    for error in model:
        if error.type == "error":
            row, flip = np.zeros(model.num_detectors, bool), False
            for target in error.targets_copy():
                if target.is_relative_detector_id():
                    row[target.val] ^= True
                elif target.is_logical_observable_id():
                    flip = not flip
            events.append(row)
            flips.append(flip)
    found = surface_code.matching_decoder(circuit, np.array(events))
    assert (found == np.array(flips)).all()


def test_unseen_syndromes():
    seen = np.array([[0, 1, 1], [1, 0, 0]], bool)
    asked = np.array([[1, 0, 0], [1, 1, 1]], bool)
    assert _unseen(seen, asked).tolist() == [False, True]
