#pragma once

#include "evaluation/report/report.hpp"
#include "evaluation/run/collect.hpp"
#include "inference/engine.hpp"

#include <memory>
#include <string>

namespace wallet::cli {

struct EngineOptions {
    std::string library;   ///< as open_onnx_engine takes it
    unsigned threads = 0;  ///< 0: as many as there are processors
};

/// A model file on this machine, run by ONNX Runtime, which is loaded when the first is opened.
class LocalModel {
public:
    /// Throws.
    LocalModel(const std::string& path, const EngineOptions& options);

    const inference::ModelIo& io() const { return model_->io(); }
    const inference::ContentId& content_id() const { return model_->summary().content_id; }
    /// The last part of the path.
    const std::string& name() const { return name_; }
    evaluation::Environment environment() const;
    /// Lives as long as this.
    evaluation::Infer infer() const;

private:
    std::string name_;
    std::shared_ptr<inference::Engine> engine_;  // first made, last gone
    std::unique_ptr<inference::Model> model_;
};

}  // namespace wallet::cli
