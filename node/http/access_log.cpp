#include "node/http/access_log.hpp"

#include <spdlog/spdlog.h>

namespace node {

AccessLog::AccessLog(std::shared_ptr<spdlog::logger> logger) : logger_{std::move(logger)} {}

void AccessLog::answered(const AccessRecord& record)
{
    // Method and path have passed the head's check: visible ASCII, no spaces, one line.
    const auto level = record.status >= 500 ? spdlog::level::warn : spdlog::level::info;
    logger_->log(level, "http id={} peer={} method={} path={} status={} in={} out={} us={}",
                 record.id, record.peer, record.method, record.path, record.status,
                 record.body_bytes_in, record.bytes_out, record.time.count());
}

void AccessLog::handler_failed(std::string_view route, std::string_view what)
{
    logger_->error("http handler failed route={} what=\"{}\"", route, what);
}

}  // namespace node
