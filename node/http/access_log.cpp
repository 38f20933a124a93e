#include "node/http/access_log.hpp"

#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

namespace node {
namespace {

/// Quoted, whatever bytes it holds.
std::string quoted(std::string_view text)
{
    using nlohmann::json;
    return json(std::string{text}).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

AccessLog::AccessLog(std::shared_ptr<spdlog::logger> logger) : logger_{std::move(logger)} {}

void AccessLog::answered(const AccessRecord& record)
{
    const auto level = record.status >= 500 ? spdlog::level::warn : spdlog::level::info;
    if (!logger_->should_log(level)) return;
    std::string notes;
    if (!record.model.empty()) notes += R"("model":)" + quoted(record.model) + ",";
    if (record.payment != PaymentOutcome::none)
        notes += R"("payment":")" + std::string{to_text(record.payment)} + R"(",)";
    // Peer, method and route need no quoting: an address, a token of the head's check, our own.
    logger_->log(level,
                 R"("type":"access","id":{},"peer":"{}","method":"{}","route":"{}",{}"status":{},)"
                 R"("in":{},"out":{},"us":{})",
                 record.id, record.peer, record.method, record.route, notes, record.status,
                 record.body_bytes_in, record.bytes_out, record.time.count());
}

void AccessLog::handler_failed(std::string_view route, std::string_view what)
{
    logger_->error(R"("type":"failure","route":"{}","what":{})", route, quoted(what));
}

}  // namespace node
