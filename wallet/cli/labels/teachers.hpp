#pragma once

#include "inference/model/tensor.hpp"
#include "wallet/cli/labels/teacher_answers.hpp"
#include "wallet/client/paid_client.hpp"
#include "wallet/tensors/input.hpp"

#include <string>
#include <vector>

namespace wallet::cli {

/// One version of a model at a node, which is asked what items are.
struct Teacher {
    std::string name;  ///< "NAME/VERSION", as the node calls it
    std::string path;  ///< of its version: whatever the node serves next is another teacher
    /// Under which answers are kept: the node, the version, and how files are read for it.
    std::string key;
    inference::ModelIo io;
};

/// The teachers that `models` name: "NAME/VERSION", or "NAME" of a model that has one version.
/// `usage` where there are several, where one is named twice, and where none of the outputs can be
/// a score for each of `classes`; asks the node what the model is, which costs nothing. Throws.
std::vector<Teacher> teachers_of(const Session&, const std::vector<std::string>& models,
                                 std::size_t classes, const InputOptions& reading);

/// Asks for what is paid: at most `terms.most`. An answer that is no scores for so many classes is
/// one all the same, without probabilities: it was paid for. Throws where there is no answer.
TeacherAnswers::Answer ask(const Teacher&, const std::vector<inference::Tensor>& item,
                           std::size_t classes, const PaidClient&, const PaymentTerms& terms);

}  // namespace wallet::cli
