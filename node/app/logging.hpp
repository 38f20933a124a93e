#pragma once

#include "node/app/config.hpp"

#include <memory>

namespace spdlog {
class logger;
}

namespace node {

/// Sends what the program logs to standard error, in the form and from the level configured. In
/// JSON each line is one document {"time","level","message"}.
void start_logging(const LogConfig&);

/// Where requests are logged (http/access_log.hpp), at the level of the default logger: standard
/// error, or nowhere when it is switched off.
std::shared_ptr<spdlog::logger> access_logger(const LogConfig&);

}  // namespace node
