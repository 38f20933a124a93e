#pragma once

#include "inference/protocol/client.hpp"
#include "wallet/cli/session.hpp"
#include "wallet/client/http_client.hpp"

#include <string>
#include <vector>

/// Requests to a model on a node, and what its answers say, for the commands that call one.
namespace wallet::cli {

/// "/v2/models/NAME", of one version where that is not empty.
std::string model_path(const std::string& model, const std::string& version);

/// POST to the model's infer; throws `usage` where the tensors cannot be written so.
HttpRequest infer_request(const std::string& path, const std::vector<inference::Tensor>& inputs,
                          inference::Encoding encoding);
/// Of an answer with 200; throws.
inference::InferResponse infer_answer(const HttpReply& reply);

/// The numbers of the first row of an output of floats: a picture is one item. Empty where it is
/// something else; may have NaN.
std::vector<double> first_row(const inference::Tensor& output);
/// The first row of the output that says how likely each class is: of a model that gives logits and
/// probabilities the latter, else the first output of floats. Empty without one.
std::vector<double> class_scores(const inference::InferResponse& answer);

}  // namespace wallet::cli
