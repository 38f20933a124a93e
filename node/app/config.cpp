#include "node/app/config.hpp"

#include "ledger/codec/json.hpp"
#include "node/app/peer_settings.hpp"
#include "node/env/files.hpp"
#include "node/providers/provider_page.hpp"

#include <algorithm>
#include <set>

namespace node {
namespace {

using nlohmann::json;
using namespace ledger;

constexpr std::size_t file_bytes = 1 << 20;

Error wrong(const std::string& what)
{
    return {ErrorKind::invalid, "configuration: " + what};
}

/// http.publicUrl -> MILLRACE_HTTP_PUBLIC_URL
std::string environment_name(std::string_view path)
{
    std::string name = "MILLRACE_";
    for (const char c : path) {
        if (c == '.')
            name += '_';
        else if (c >= 'A' && c <= 'Z')
            name += '_', name += c;
        else
            name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return name;
}

void collect_paths(const json& from, const std::string& path, std::vector<std::string>& paths)
{
    for (const auto& [key, value] : from.items()) {
        const auto at = path.empty() ? key : path + "." + key;
        if (value.is_object())
            collect_paths(value, at, paths);
        else if (!value.is_array())
            paths.push_back(at);
    }
}

/// Sets one member by its dotted path to text, in the JSON type that the default has.
Result<void> set(json& document, const std::string& path, const std::string& text)
{
    json* at = &document;
    for (std::size_t from = 0; from <= path.size();) {
        const auto dot = std::min(path.find('.', from), path.size());
        const auto key = path.substr(from, dot - from);
        if (!at->is_object() || !at->contains(key)) return wrong("there is no " + path);
        at = &(*at)[key];
        from = dot + 1;
    }
    if (at->is_string()) {
        *at = text;
    } else if (at->is_boolean()) {
        if (text != "true" && text != "false") return wrong(path + " must be true or false");
        *at = text == "true";
    } else if (at->is_number()) {
        const auto number = codec::parse_decimal(text);
        if (!number) return wrong(path + " must be a whole number");
        *at = *number;
    } else {
        return wrong(path + " can only be set in the file");
    }
    return {};
}

Result<void> check(const ConsensusConfig& consensus)
{
    if (consensus.t0_ms < 10 || consensus.t0_ms > 60'000)
        return wrong("consensus.t0Ms is 10 to 60000");
    if (consensus.t_max_ms < consensus.t0_ms || consensus.t_max_ms > 3'600'000)
        return wrong("consensus.tMaxMs is t0Ms to 3600000");
    if (consensus.skip_ms < 100 || consensus.skip_ms > 3'600'000)
        return wrong("consensus.skipMs is 100 to 3600000");
    if (consensus.sync != "blocks" && consensus.sync != "snapshot")
        return wrong("consensus.sync is blocks or snapshot");
    return {};
}

Result<void> check(const LedgerConfig& ledger, const SnapshotsConfig& snapshots)
{
    // A node reads the blocks since its last checkpoint when it starts.
    if (ledger.keep_blocks != 0 && ledger.keep_blocks < 128)
        return wrong("ledger.keepBlocks is 0 or at least 128");
    if (snapshots.keep < 1 || snapshots.keep > 16) return wrong("snapshots.keep is 1 to 16");
    if (snapshots.peer_bytes_per_s < 1'024 || snapshots.peer_bytes_per_s > std::uint64_t{1} << 40 ||
        snapshots.all_bytes_per_s < 1'024 || snapshots.all_bytes_per_s > std::uint64_t{1} << 40)
        return wrong("snapshots.peerBytesPerS and allBytesPerS are 1024 to 1099511627776");
    return {};
}

Result<void> check_tiers(const ModelConfig& model)
{
    const auto bad = [&](const std::string& what) {
        return wrong("host.models: " + model.name + what);
    };
    constexpr std::uint64_t most_calls = 1'000'000'000;
    const auto is_period = [](std::uint64_t s) { return s >= 1 && s <= 31'536'000; };
    const auto& free = model.free;
    const auto& pass = model.subscription;
    if (free.calls > most_calls || !is_period(free.period_s))
        return bad(": free.calls is at most 1000000000, free.periodS 1 to 31536000");
    if (pass.calls > most_calls || !is_period(pass.period_s))
        return bad(
            ": subscription.calls is at most 1000000000, subscription.periodS 1 to 31536000");
    if (pass.calls != 0 && pass.price.is_zero())
        return bad(": subscription.price is what a pass costs, at least 1");
    if (model.model.empty() && (free.calls != 0 || pass.calls != 0))
        return bad(": free and subscription are of a model that has a price");
    return {};
}

Result<void> check(const ModelConfig& model)
{
    if (model.name.empty() || model.name.size() > 128 || model.name == "stats")
        return wrong("host.models: a name is 1 to 128 bytes and not \"stats\"");
    const auto bad = [&](const std::string& what) {
        return wrong("host.models: " + model.name + what);
    };
    // Nobody can tell when what another server runs has changed.
    if (model.cache && model.backend.kind != "onnx")
        return bad(": answers of another server's model are not kept (cache)");
    if (model.files.empty() && model.backend.kind == "onnx") return bad(" has no files");
    if (model.instances < 1 || model.instances > 64 || model.queue < 1 || model.queue > 65'536)
        return bad(": 1 to 64 instances, a queue of 1 to 65536");
    const auto& batch = model.batch;
    if (batch.max < 1 || batch.max > 1024) return bad(": batch.max is 1 to 1024");
    for (const auto rows : batch.preferred)
        if (rows < 2 || rows > batch.max)
            return bad(": batch.preferred are sizes from 2 to batch.max");
    if (batch.preferred.size() > 16) return bad(": at most 16 sizes in batch.preferred");
    if (batch.delay_us > 1'000'000) return bad(": batch.delayUs is at most 1000000");
    if (model.priorities < 1 || model.priorities > 16 || model.default_priority < 1 ||
        model.default_priority > model.priorities)
        return bad(": 1 to 16 priorities, and the default is one of them");
    if (model.max_age_ms > 3'600'000) return bad(": maxAgeMs is at most 3600000");
    if (model.warmup > 1000) return bad(": warmup is at most 1000 runs");
    if (model.providers.empty() || model.providers.size() > 4)
        return bad(": providers names 1 to 4");
    for (const auto& provider : model.providers)
        if (provider != "cpu" && provider != "cuda") return bad(": a provider is cpu or cuda");
    if (model.versions.latest != 0 && !model.versions.only.empty())
        return bad(": versions are the latest, or only some, not both");
    if (!model.canary.empty() && !model.model.empty())
        return bad(": a model on the ledger has the weights of its alias");
    std::set<std::uint32_t> seen;
    for (const auto& part : model.canary)
        if (part.version == 0 || part.weight == 0 || part.weight > 1'000'000 ||
            !seen.insert(part.version).second)
            return bad(": canary has each version once, with a weight of 1 to 1000000");
    if (seen.size() > 8) return bad(": canary has at most 8 versions");
    if (model.shadow.percent > 100) return bad(": shadow.percent is 0 to 100");
    if (model.idle_s > 31'536'000) return bad(": idleS is at most 31536000");
    if (const auto good = check_tiers(model); !good) return good;
    const auto& backend = model.backend;
    if (backend.kind == "onnx") return {};
    if (backend.kind != "oip" && backend.kind != "openai")
        return bad(": backend.kind is onnx, oip or openai");
    if (backend.url.empty()) return bad(": backend.url is missing");
    if (!backend.credential_file.empty() && !backend.credential_env.empty())
        return bad(": credentials are in a file or in the environment, not in both");
    if (backend.connections < 1 || backend.connections > 256)
        return bad(": backend.connections is 1 to 256");
    if (backend.answer_bytes < 1'024 || backend.answer_bytes > std::uint64_t{1} << 30)
        return bad(": backend.answerBytes is 1024 to 1073741824");
    if (backend.probe_ms < 100 || backend.probe_ms > 3'600'000)
        return bad(": backend.probeMs is 100 to 3600000");
    return {};
}

Result<void> check(const CallerLimitConfig& limit, const std::string& name)
{
    if (limit.per_second > 1'000'000 || limit.burst > 1'000'000)
        return wrong(name + ": perSecond and burst are at most 1000000");
    if (limit.quota > 1'000'000'000 || limit.quota_s < 1 || limit.quota_s > 31'536'000)
        return wrong(name + ": quota is at most 1000000000, quotaS 1 to 31536000");
    return {};
}

Result<void> check(const HttpConfig& http)
{
    if (http.threads > 64) return wrong("http.threads is 0 to 64");
    if (http.connections < 16 || http.connections > 1'000'000)
        return wrong("http.connections is 16 to 1000000");
    if (http.connections_per_address < 1 || http.connections_per_address > http.connections)
        return wrong("http.connectionsPerAddress is 1 to http.connections");
    if (http.drain_ms > 600'000) return wrong("http.drainMs is 0 to 600000");
    return {};
}

/// The rest of it is looked at where it is opened, and by the doctor.
Result<void> check(const BucketConfig& bucket)
{
    if (bucket.url.empty()) return {};
    const auto is_word = [](const std::string& text, std::size_t most) {
        return !text.empty() && text.size() <= most &&
               std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
    };
    if (bucket.name.empty()) return wrong("blobs.bucket.name is missing");
    if (!is_word(bucket.region, 64) || bucket.region.find('/') != std::string::npos)
        return wrong("blobs.bucket.region is a word without a slash");
    if (!is_word(bucket.access_key, 128) ||
        bucket.access_key.find_first_of("/,=") != std::string::npos)
        return wrong("blobs.bucket.accessKey is the id of a key, at most 128 bytes");
    if (bucket.secret_file.empty()) return wrong("blobs.bucket.secretFile is the name of a file");
    return {};
}

Result<void> check(const BlobsConfig& blobs)
{
    if (const auto good = check(blobs.bucket); !good) return good;
    if (blobs.dir.empty()) return wrong("blobs.dir is the name of a folder");
    if (blobs.quota_bytes < 1 << 20 || blobs.quota_bytes > std::uint64_t{1} << 50)
        return wrong("blobs.quotaBytes is 1048576 to 1125899906842624");
    constexpr auto most = std::uint64_t{1} << 40;
    const auto good = [](std::uint64_t rate) {
        return rate == 0 || (rate >= 1'024 && rate <= most);
    };
    if (!good(blobs.caller_bytes_per_s) || !good(blobs.fetch_bytes_per_s) ||
        !good(blobs.scrub_bytes_per_s))
        return wrong("blobs: a rate is 0, for none, or 1024 to 1099511627776");
    if (blobs.scrub_rest_s < 1 || blobs.scrub_rest_s > 604'800)
        return wrong("blobs.scrubRestS is 1 to 604800");
    if (!blobs.url.empty() && !is_provider_url(blobs.url))
        return wrong("blobs.url is http(s)://HOST[:PORT], at most 128 bytes");
    if (blobs.copies > PageLimits::copies) return wrong("blobs.copies is 0 to 16");
    if (blobs.announce_s < 10 || blobs.announce_s > PageLimits::lifetime_s / 3)
        return wrong("blobs.announceS is 10 to 7200");
    return {};
}

/// What nobody can be told where to fetch is not kept for anybody.
Result<void> check_url(const BlobsConfig& blobs, const HttpConfig& http)
{
    const auto& url = blobs.url_or(http.public_url);
    if ((blobs.mirror || blobs.copies != 0) && !is_provider_url(url))
        return wrong(
            "blobs.mirror and blobs.copies want blobs.url or http.publicUrl to be "
            "http(s)://HOST[:PORT]");
    return {};
}

Result<void> check(const BoardConfig& board)
{
    if (board.bytes < 1 << 20 || board.bytes > std::uint64_t{1} << 40)
        return wrong("board.bytes is 1048576 to 1099511627776");
    if (board.batch_bytes > std::uint64_t{1} << 50)
        return wrong("board.batchBytes is at most 1125899906842624");
    return {};
}

Result<void> check(const InboxConfig& inbox)
{
    if (inbox.datasets.size() > 1'024) return wrong("inbox.datasets has over 1024 ids");
    for (const auto& text : inbox.datasets)
        if (!text.starts_with("0x") || !ledger::id_from_hex<market::DatasetId>(text))
            return wrong("inbox.datasets: an id is 0x and 64 hex digits, not " + text);
    if (inbox.waiting < 1 || inbox.waiting > 1'000'000)
        return wrong("inbox.waiting is 1 to 1000000");
    if (inbox.of_device < 1 || inbox.of_device > inbox.waiting)
        return wrong("inbox.ofDevice is 1 to inbox.waiting");
    return {};
}

Result<void> check(const HostConfig& host)
{
    if (host.operators.size() > 1'024) return wrong("host.operators has over 1024 names");
    for (const auto& name : host.operators)
        if (name.empty() || name.size() > 128)
            return wrong("host.operators: a name is 1 to 128 bytes");
    for (const auto& model : host.models)
        if (const auto good = check(model); !good) return good;
    if (host.load_wait_ms > 600'000) return wrong("host.loadWaitMs is at most 600000");
    // The ledger takes claims for a version that has ended until ten minutes after its end.
    if (host.run_ms == 0 || host.run_ms > 480'000) return wrong("host.runMs is 1 to 480000");
    if (host.limits.callers < 2'048 || host.limits.callers > 10'000'000)
        return wrong("host.limits.callers is 2048 to 10000000");
    if (const auto good = check(host.limits.free, "host.limits.free"); !good) return good;
    return check(host.limits.paid, "host.limits.paid");
}

}  // namespace

Result<void> check_config(const Config& config)
{
    if (const auto good = check(config.http); !good) return good;
    if (const auto good = check(config.ledger, config.snapshots); !good) return good;
    if (const auto peers = read_peer_settings(config.peers); !peers)
        return wrong(peers.error().detail);
    if (const auto good = check(config.consensus); !good) return good;
    const std::vector<std::string> levels{"trace", "debug", "info", "warn", "error", "off"};
    if (std::find(levels.begin(), levels.end(), config.log.level) == levels.end())
        return wrong("log.level is trace, debug, info, warn, error or off");
    if (config.log.format != "text" && config.log.format != "json")
        return wrong("log.format is text or json");
    if (config.payment.withdraw_delay_s < 900 || config.payment.withdraw_delay_s > 2'592'000)
        return wrong("payment.withdrawDelayS is 900 to 2592000");
    if (config.payment.max_timeout_s < 1 || config.payment.max_timeout_s > 3600)
        return wrong("payment.maxTimeoutS is 1 to 3600");
    if (config.facilitator.requests_per_minute < 1 ||
        config.facilitator.requests_per_minute > 1'000'000)
        return wrong("facilitator.requestsPerMinute is 1 to 1000000");
    if (const auto good = check(config.blobs); !good) return good;
    if (const auto good = check_url(config.blobs, config.http); !good) return good;
    if (const auto good = check(config.board); !good) return good;
    if (const auto good = check(config.inbox); !good) return good;
    return check(config.host);
}

Overrides overrides_from_environment(char** environment)
{
    std::vector<std::string> paths;
    collect_paths(codec::to_json(Config{}), {}, paths);
    Overrides found;
    for (char** at = environment; at && *at; ++at) {
        const std::string_view entry{*at};
        const auto equals = entry.find('=');
        if (equals == std::string_view::npos) continue;
        for (const auto& path : paths)
            if (environment_name(path) == entry.substr(0, equals))
                found.emplace_back(path, std::string{entry.substr(equals + 1)});
    }
    std::sort(found.begin(), found.end());
    return found;
}

Result<Config> parse_config(std::string_view text, const std::string& file,
                            const Overrides& overrides)
{
    const auto parsed = codec::parse_json(text, {file_bytes, 8});
    if (!parsed) return wrong(file + ": " + parsed.error().detail);
    const auto config = codec::from_json_over(Config{}, *parsed);
    if (!config) return wrong(file + ": " + config.error().detail);
    auto document = codec::to_json(*config);
    for (const auto& [path, value] : overrides)
        if (const auto done = set(document, path, value); !done) return done.error();
    auto merged = codec::from_json<Config>(document);
    if (!merged) return wrong(merged.error().detail);
    if (const auto good = check_config(*merged); !good) return good.error();
    return merged;
}

Result<Config> load_config(const std::filesystem::path& file, const Overrides& overrides)
{
    const auto bytes = read_file(file, file_bytes);
    if (!bytes && bytes.error().kind != ErrorKind::not_found) return bytes.error();
    return parse_config(bytes ? as_text(*bytes) : "{}", file.string(), overrides);
}

std::string config_json(const Config& config)
{
    return codec::to_json(config).dump(2) + "\n";
}

}  // namespace node
