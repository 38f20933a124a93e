#include "node/app/load_remote.hpp"

#include "inference/remote/oip_model.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/hash.hpp"
#include "node/app/loaded_version.hpp"
#include "node/app/pool_settings.hpp"
#include "node/upstream/http_upstream.hpp"

#include <spdlog/spdlog.h>

namespace node {
namespace {

using namespace ledger;
namespace fs = std::filesystem;
using nlohmann::json;

fs::path in_home(const fs::path& home, const std::string& path)
{
    return path.empty() || fs::path{path}.is_absolute() ? fs::path{path} : home / path;
}

/// As the wallet hashes it when a version is published.
Hash io_schema_of(const inference::ModelIo& io)
{
    const auto all = [](const std::vector<inference::TensorSpec>& specs) {
        auto list = json::array();
        for (const auto& spec : specs)
            list.push_back({{"name", spec.name},
                            {"datatype", inference::name_of(spec.datatype)},
                            {"shape", spec.shape}});
        return list;
    };
    const json schema{{"inputs", all(io.inputs)}, {"outputs", all(io.outputs)}};
    return sha256(as_bytes(codec::canonical_json(schema)));
}

struct RemoteVersion {
    market::Version ver{1};
    std::string there;  ///< as the server names it
};

Result<RemoteVersion> version_of(const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos) return RemoteVersion{market::Version{1}, text};
    const auto number = codec::parse_decimal(text.substr(0, equals));
    if (!number || *number == 0 || *number > 0xffffffff)
        return invalid("files of another server's model are VERSION=ITS_VERSION");
    return RemoteVersion{market::Version{static_cast<std::uint32_t>(*number)},
                         text.substr(equals + 1)};
}

Result<std::shared_ptr<ServedVersion>> open_version(
    const std::shared_ptr<inference::Upstream>& upstream, const ModelConfig& config,
    const RemoteVersion& version)
{
    const inference::OipTarget target{
        config.backend.model.empty() ? config.name : config.backend.model, version.there};
    inference::BackendOptions watch;
    watch.ready_path = inference::ready_path(target);
    watch.probe_every = std::chrono::milliseconds{config.backend.probe_ms};
    inference::OipOptions options;
    options.protocol.body_bytes = config.backend.answer_bytes;
    options.protocol.tensor_bytes = config.backend.answer_bytes;
    auto models =
        inference::open_oip_models(std::make_shared<inference::Backend>(upstream, std::move(watch)),
                                   target, config.backend.connections, options);
    if (!models) return models.error();
    auto pool = pool_options(config);
    pool.workers = config.backend.connections;
    pool.batch = {};  // whoever runs it joins calls
    auto served = std::make_shared<ServedVersion>();
    served->ver = version.ver;
    served->labels = config.labels;
    served->pool = std::make_unique<inference::ModelPool>(std::move(*models), pool);
    return served;
}

/// The ledger's word on a version, where it has one.
Result<void> adopt(ServedVersion& served, const ModelConfig& config, const market::ModelId& model,
                   const market::View& view)
{
    const auto record = view.find<market::VersionRecord>({model, served.ver});
    if (!record) {
        spdlog::warn("model {} version {} is not on the ledger yet: calls get 503 until it is",
                     config.name, served.ver.value);
        return {};
    }
    if (record->version.io_schema != io_schema_of(served.pool->summary().io))
        return invalid("the server's inputs and outputs of version " +
                       std::to_string(served.ver.value) +
                       " are not what the ledger has registered");
    served.content_id = record->version.content_id;
    return {};
}

}  // namespace

Result<std::shared_ptr<inference::Upstream>> open_upstream(const fs::path& home,
                                                           const BackendConfig& config)
{
    auto url = parse_server_url(config.url);
    if (!url) return url.error();
    auto credentials = read_credentials(in_home(home, config.credential_file),
                                        config.credential_env, config.credential_header);
    if (!credentials) return credentials.error();
    if (credentials->value.size() != 0 && !url->tls && !url->is_loopback())
        spdlog::warn("credentials for {} travel in the clear: use https", url->authority());
    HttpUpstreamOptions options{std::move(*url), in_home(home, config.authorities).string(),
                                std::move(*credentials)};
    options.limits.body_bytes = config.answer_bytes;
    // One beside those of the workers, for the question whether it is ready.
    options.connections = config.connections + 1;
    auto opened = HttpUpstream::open(std::move(options));
    if (!opened) return opened.error();
    return std::shared_ptr<inference::Upstream>{std::move(*opened)};
}

Result<Versions> load_remote(const fs::path& home, const ModelConfig& config,
                             const ServedModel* present,
                             const std::optional<market::ModelId>& model, const market::View& view)
{
    const auto failure = [&](const Error& error) {
        return Error{error.kind, "model " + config.name + ": " + error.detail};
    };
    auto texts = config.files;
    if (texts.empty()) texts.emplace_back("1=");
    Versions versions;
    for (const auto& text : texts) {
        const auto version = version_of(text);
        if (!version) return failure(version.error());
        const auto origin = loading_settings(config) + version->there;
        std::shared_ptr<const ServedVersion> served = loaded_before(present, version->ver, origin);
        // It was opened before the ledger knew it, and not checked.
        if (served && model && served->content_id == market::ContentId{} &&
            view.has<market::VersionRecord>({*model, version->ver}))
            served = nullptr;
        if (!served) {
            // Connections of its own for each: none waits for those of another.
            auto upstream = open_upstream(home, config.backend);
            if (!upstream) return failure(upstream.error());
            auto made = open_version(*upstream, config, *version);
            if (!made) return failure(made.error());
            (*made)->origin = origin;
            if (model)
                if (const auto good = adopt(**made, config, *model, view); !good)
                    return failure(good.error());
            spdlog::warn(
                "loaded {} version {} as another server runs it: its content is unverified",
                config.name, version->ver.value);
            served = std::move(*made);
        }
        if (!versions.emplace(version->ver, std::move(served)).second)
            return failure(
                invalid("version " + std::to_string(version->ver.value) + " stands twice"));
    }
    return versions;
}

}  // namespace node
