#pragma once

#include "node/http/observer.hpp"

#include <memory>

namespace spdlog {
class logger;
}

namespace node {

/// One JSON document a line for each request, where the logger writes with `pattern`:
/// {"time","level","type":"access","id","peer","method","route","model"?,"payment"?,"status","in",
/// "out","us"}. 5xx are warnings, the rest is info. `route` is the pattern that matched, so neither
/// path nor query of a caller stands there, nor any header or body.
class AccessLog : public RequestObserver {
public:
    static constexpr auto pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

    explicit AccessLog(std::shared_ptr<spdlog::logger> logger);
    void answered(const AccessRecord& record) override;
    void handler_failed(std::string_view route, std::string_view what) override;

private:
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace node
