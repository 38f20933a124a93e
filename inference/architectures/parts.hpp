#pragma once

#include "inference/architectures/graph_writer.hpp"
#include "inference/architectures/new_model.hpp"

/// What several architectures are made of. For this folder.
namespace inference::architectures {

/// Elements of one sample; sizes are checked before.
std::int64_t elements(const Shape& shape);

/// "NAME.weight" [outputs,inputs] and "NAME.bias"; gives back the name of what comes out.
std::string dense(GraphWriter& graph, const std::string& from, const std::string& name,
                  std::int64_t inputs, std::int64_t outputs, Spread spread,
                  const std::string& to = {});
std::string relu(GraphWriter& graph, const std::string& from);
/// Into [n,elements]; what is flat already is left as it is.
std::string flat(GraphWriter& graph, const std::string& from, const Shape& shape);

/// The last dense layer, "logits", and what follows from it.
void head(GraphWriter& graph, const std::string& from, const std::string& name, std::int64_t inputs,
          const NewModelOptions& options);

/// One for each architecture. What new_model.cpp has checked.
void write_mlp(GraphWriter& graph, const NewModelOptions& options);
void write_autoencoder(GraphWriter& graph, const NewModelOptions& options);
void write_cnn(GraphWriter& graph, const NewModelOptions& options);
void write_dscnn(GraphWriter& graph, const NewModelOptions& options);
void write_transformer(GraphWriter& graph, const NewModelOptions& options);

}  // namespace inference::architectures
