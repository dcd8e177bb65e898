//! Passages in the order of a model that reads them together with the question.

use aos_ai::local::PassageModel;
use aos_ai::retrieval::Reranker;
use aos_testservers::{Bert, Head, noise};
use std::path::Path;

const TREES: &str = "alder birch cedar dogwood elm fir ginkgo hazel ivy juniper kapok larch maple";

fn written(model_type: &'static str, special: [&str; 4], folder: &Path) -> Bert {
    let bert = Bert {
        model_type,
        words: special.into_iter().chain(TREES.split(' ')).map(str::to_owned).collect(),
        labels: vec!["LABEL_0".into()],
        hidden: 8,
        heads: 2,
        layers: 2,
        places: 16,
        head: Head::Sequence,
    };
    bert.write(folder, noise);
    bert
}

#[tokio::test]
async fn the_scores_are_those_that_another_implementation_gives() {
    let place = tempfile::tempdir().unwrap();
    let passages = ["alder birch cedar", "maple larch kapok juniper ivy", "fir elm", "hazel"].map(str::to_owned);
    // From a program in Python that computes every sum in double precision, from the same numbers.
    for (model_type, special, expected) in [
        ("bert", ["[PAD]", "[UNK]", "[CLS]", "[SEP]"], [0.332_723, 0.695_707, 0.666_724, 0.615_903]),
        ("xlm-roberta", ["<s>", "<pad>", "</s>", "<unk>"], [0.806_909, 0.181_623, 0.285_775, 0.173_592]),
    ] {
        let folder = place.path().join(model_type);
        written(model_type, special, &folder);
        let model = PassageModel::load(&folder).unwrap();
        assert_eq!(model.name(), model_type);
        let scores = model.score("elm fir", passages.to_vec()).await.unwrap();
        for (score, expected) in scores.iter().zip(expected) {
            assert!((score - expected).abs() < 5e-5, "{model_type}: {score} is not {expected}");
        }
        let alone = model.score("elm fir", vec![passages[2].clone()]).await.unwrap();
        assert!((alone[0] - scores[2]).abs() < 1e-5, "a passage is judged alone");
        // A passage longer than the model reads is read as far as it does.
        let long = model.score("elm fir", vec![format!("{TREES} ").repeat(50)]).await.unwrap();
        assert!((0.0..=1.0).contains(&long[0]));
    }
}

#[test]
fn a_model_with_several_outputs_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let bert = written("bert", ["[PAD]", "[UNK]", "[CLS]", "[SEP]"], place.path());
    Bert { labels: vec!["no".into(), "yes".into()], ..bert }.write(place.path(), noise);
    let refused = PassageModel::load(place.path()).err().unwrap().to_string();
    assert!(refused.contains("several outputs"), "{refused}");
}
