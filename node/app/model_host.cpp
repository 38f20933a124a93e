#include "node/app/model_host.hpp"

#include "node/app/pool_settings.hpp"
#include "node/http/await_callback.hpp"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

namespace node {

using namespace ledger;

namespace {

constexpr std::size_t waiting_jobs = 64;
constexpr std::chrono::milliseconds tick_every{100};
constexpr std::chrono::minutes reload_patience{10};

CallerLimit limit_of(const CallerLimitConfig& config)
{
    return {config.per_second, config.burst, config.quota, std::chrono::seconds{config.quota_s},
            config.concurrent};
}

}  // namespace

ModelHost::ModelHost(const std::filesystem::path& home, Config in_force, const BlockStore& store,
                     const Clock& clock, SecretBytes token, ReadConfig read_again)
    : read_again_{std::move(read_again)},
      in_force_{std::move(in_force)},
      source_{home, store,
              [library = in_force_.onnxruntime] { return inference::open_onnx_engine(library); },
              model_memory(in_force_.host), model_limits(in_force_.host)},
      cache_{in_force_.host.cache_bytes},
      callers_{in_force_.host.limits.callers},
      gate_{std::move(token)},
      keeper_{catalog_, clock, std::chrono::seconds{in_force_.payment.offer_validity_s}}
{
    take_limits();
}

ModelHost::~ModelHost()
{
    stop();
}

Result<void> ModelHost::open()
{
    if (const auto done = keeper_.set_all(source_.wanted(in_force_.host)); !done) return done;
    remember(in_force_.host);
    jobs_ = std::make_unique<JobThread>(waiting_jobs, tick_every, [this] { keeper_.tick(); });
    return {};
}

void ModelHost::stop()
{
    if (jobs_) jobs_->stop();
    keeper_.close();
}

void ModelHost::join(ServingParts& parts)
{
    parts.limits = [this] { return limits(); };
    parts.cache = &cache_;
    parts.callers = &callers_;
    parts.gate = &gate_;
    parts.keeper = &keeper_;
    parts.jobs = jobs_.get();
    parts.wanted = [this](const std::string& name, std::string_view json) {
        return changed(name, json);
    };
}

ServingLimits ModelHost::limits() const
{
    const std::lock_guard lock{mutex_};
    return limits_;
}

void ModelHost::take_limits()
{
    const auto& host = in_force_.host;
    ServingLimits limits;
    limits.protocol.body_bytes = in_force_.http.body_bytes;
    limits.run = std::chrono::milliseconds{host.run_ms};
    limits.load_wait = std::chrono::milliseconds{host.load_wait_ms};
    limits.free = limit_of(host.limits.free);
    limits.paid = limit_of(host.limits.paid);
    cache_.set_limit(host.cache_bytes);
    const std::lock_guard lock{mutex_};
    limits_ = limits;
}

void ModelHost::remember(const HostConfig& host)
{
    const std::lock_guard lock{mutex_};
    known_.clear();
    for (const auto& model : host.models) known_.insert_or_assign(model.name, model);
}

Result<WantedModel> ModelHost::changed(const std::string& name, std::string_view json)
{
    ModelConfig config;
    {
        const std::lock_guard lock{mutex_};
        const auto at = known_.find(name);
        if (at == known_.end() && json.empty())
            return Error{ErrorKind::not_found,
                         "unknown model: " + name + "; name its files in 'config'"};
        if (at != known_.end()) config = at->second;
    }
    config.name = name;
    if (!json.empty()) {
        auto made = changed_model(config, json);
        if (!made) return made.error();
        config = std::move(*made);
    }
    auto wanted = source_.wanted(config);
    wanted.load = [this, config, load = wanted.load](const ServedModel* present) {
        auto made = load(present);
        const std::lock_guard lock{mutex_};
        if (made) known_.insert_or_assign(config.name, config);
        return made;
    };
    return wanted;
}

void ModelHost::reload()
{
    if (!jobs_->post([this] { static_cast<void>(reload_now()); }))
        spdlog::error("configuration not read again: too many changes wait");
}

Result<ReloadReport> ModelHost::reload_now()
{
    const auto refused = [](const Error& error) {
        spdlog::error("configuration not taken over, all stays as it is: {}", error.detail);
        return error;
    };
    if (!read_again_) return refused({ErrorKind::unavailable, "there is no file to read"});
    const auto wanted = read_again_();
    if (!wanted) return refused(wanted.error());
    if (const auto done = keeper_.set_all(source_.wanted(wanted->host)); !done)
        return refused(done.error());
    remember(wanted->host);
    auto report = sort_changes(in_force_, *wanted);
    in_force_ = take_over(std::move(in_force_), *wanted);
    take_limits();
    spdlog::set_level(spdlog::level::from_str(in_force_.log.level));
    spdlog::info(
        "configuration read again; changed: {}",
        report.applied.empty() ? "nothing" : fmt::format("{}", fmt::join(report.applied, ", ")));
    if (!report.for_restart.empty())
        spdlog::warn("changed, but only a restart makes it so: {}",
                     fmt::join(report.for_restart, ", "));
    return report;
}

void ModelHost::add_reload_route(Router& router)
{
    router.add(
        Method::post, "/v1/operator/reload",
        {"For the operator: reads the configuration again", {}, {}, {400, 401, 403, 503}},
        [this](Exchange& exchange) -> asio::awaitable<void> {
            if (auto refusal = gate_.refusal(exchange)) {
                co_await exchange.refuse(std::move(*refusal));
                co_return;
            }
            auto done = co_await await_callback<Result<ReloadReport>>(
                [this](std::function<void(Result<ReloadReport>)> tell) {
                    if (!jobs_->post([this, tell] { tell(reload_now()); }))
                        tell(Error{ErrorKind::unavailable, "too many changes wait; try again"});
                },
                reload_patience);
            if (!done || !*done) {
                HttpError error{400, "not_taken_over",
                                done ? done->error().detail : "it takes too long"};
                if (!done || done->error().kind == ErrorKind::unavailable) error.status = 503;
                co_await exchange.refuse(std::move(error));
                co_return;
            }
            const nlohmann::json told{{"applied", (*done)->applied},
                                      {"forRestart", (*done)->for_restart}};
            Response response = Response::json(200, told.dump());
            co_await exchange.respond(std::move(response));
        });
}

}  // namespace node
