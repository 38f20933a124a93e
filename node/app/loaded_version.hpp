#pragma once

#include "node/app/config.hpp"
#include "node/serving/catalog.hpp"

#include <memory>
#include <string>

namespace node {

/// The settings of which another value means that a model has to be loaded anew; with what it is
/// loaded from they are a version's `origin`.
std::string loading_settings(const ModelConfig&);

/// The version as it is there already, of the same origin; null: there is none.
std::shared_ptr<const ServedVersion> loaded_before(const ServedModel* present, market::Version ver,
                                                   const std::string& origin);

}  // namespace node
