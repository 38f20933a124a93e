#pragma once

#include "node/http/observer.hpp"

#include <memory>

namespace spdlog {
class logger;
}

namespace node {

/// One line per request: `http id=7 peer=127.0.0.1 method=GET path=/v1/status status=200 in=0
/// out=312 us=85`. 5xx are warnings, the rest is info; a caller's text is escaped.
class AccessLog : public RequestObserver {
public:
    explicit AccessLog(std::shared_ptr<spdlog::logger> logger);
    void answered(const AccessRecord& record) override;
    void handler_failed(std::string_view route, std::string_view what) override;

private:
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace node
