#include "node/app/logging.hpp"

#include "node/http/access_log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

namespace node {
namespace {

/// The message as a JSON string, whatever bytes it holds.
class QuotedMessage final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& line) override
    {
        using nlohmann::json;
        const auto text = json(std::string{message.payload.data(), message.payload.size()})
                              .dump(-1, ' ', false, json::error_handler_t::replace);
        line.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<spdlog::custom_flag_formatter> clone() const override
    {
        return std::make_unique<QuotedMessage>();
    }
};

}  // namespace

void start_logging(const LogConfig& config)
{
    auto logger = std::make_shared<spdlog::logger>(
        "millraced", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(spdlog::level::from_str(config.level));
    auto lines = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    lines->add_flag<QuotedMessage>('Q');
    lines->set_pattern(config.format == "json"
                           ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%Q})"
                           : "%Y-%m-%dT%H:%M:%S.%eZ %l %v");
    logger->set_formatter(std::move(lines));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

std::shared_ptr<spdlog::logger> access_logger(const LogConfig& config)
{
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (config.access)
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
        sink = std::make_shared<spdlog::sinks::null_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>("access", std::move(sink));
    logger->set_level(config.access ? spdlog::default_logger()->level() : spdlog::level::off);
    logger->set_pattern(AccessLog::pattern, spdlog::pattern_time_type::utc);
    return logger;
}

}  // namespace node
