// java Wire.java CLIENT ADDRESS CASES: send each case with java.net.http, Apache HttpClient 5 or OkHttp.

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import okhttp3.Credentials;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.OkHttp;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.entity.UrlEncodedFormEntity;
import org.apache.hc.client5.http.entity.mime.HttpMultipartMode;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicNameValuePair;
import org.apache.hc.core5.net.URIBuilder;
import org.apache.hc.core5.util.VersionInfo;

public class Wire {
    static class Picture {
        String name, filename, type, base64;

        byte[] content() {
            return Base64.getDecoder().decode(base64);
        }
    }

    static class Case {
        String method, path, user, password;
        String[][] fields;
        Picture file;
        JsonObject json;
        @com.google.gson.annotations.SerializedName("case") String name;

        String authorization() {
            return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        }

        String encoded() {
            return Arrays.stream(fields).map(pair -> encode(pair[0]) + "=" + encode(pair[1])).collect(Collectors.joining("&"));
        }
    }

    interface Sender {
        void send(Case one, String url) throws Exception;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws Exception {
        Case[] cases = new Gson().fromJson(Files.readString(Path.of(arguments[2])), Case[].class);
        Sender sender = switch (arguments[0]) {
            case "java-httpclient" -> javaClient();
            case "apache-httpclient5" -> apache();
            default -> okhttp();
        };
        System.out.println(version(arguments[0]));
        for (Case one : cases) {
            sender.send(one, arguments[1] + one.path);
        }
        System.exit(0);
    }

    static String version(String client) {
        return switch (client) {
            case "java-httpclient" -> "java.net.http";
            case "apache-httpclient5" -> VersionInfo.getSoftwareInfo("Apache HttpClient", "org.apache.hc.client5", Wire.class)
                .replaceAll(" \\(.*", "");
            default -> "OkHttp " + OkHttp.VERSION;
        } + ", Java " + System.getProperty("java.version");
    }

    /** It has no multipart of its own; this is what its users write. */
    static Sender javaClient() {
        HttpClient client = HttpClient.newHttpClient();
        return (one, url) -> {
            HttpRequest.Builder request = HttpRequest.newBuilder();
            if (one.name.equals("get")) {
                request.uri(URI.create(url + "?" + one.encoded()));
            } else if (one.json != null) {
                request.uri(URI.create(url)).header("Authorization", one.authorization()).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(one.json.toString()));
            } else if (one.file != null) {
                String boundary = "----JavaHttpClient" + Long.toHexString(one.file.base64.hashCode());
                byte[] body = multipart(one, boundary);
                HttpRequest.BodyPublisher whole = HttpRequest.BodyPublishers.ofByteArray(body);
                HttpRequest.BodyPublisher stream = HttpRequest.BodyPublishers.ofByteArrays(
                    List.of(Arrays.copyOf(body, 100), Arrays.copyOfRange(body, 100, body.length)));
                request.uri(URI.create(url)).header("Content-Type", "multipart/form-data; boundary=" + boundary)
                    .POST(one.name.equals("chunked") ? stream : whole);
            } else {
                request.uri(URI.create(url)).header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(one.encoded()));
                if (one.name.equals("expect")) {
                    request.expectContinue(true);
                }
            }
            client.send(request.build(), HttpResponse.BodyHandlers.discarding());
        };
    }

    static byte[] multipart(Case one, String boundary) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String[] pair : one.fields) {
            body.write(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + pair[0] + "\"\r\n\r\n" + pair[1] + "\r\n")
                .getBytes(StandardCharsets.UTF_8));
        }
        body.write(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + one.file.name + "\"; filename=\""
            + one.file.filename + "\"\r\nContent-Type: " + one.file.type + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        body.write(one.file.content());
        body.write(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return body.toByteArray();
    }

    static Sender apache() {
        CloseableHttpClient client = HttpClients.createDefault();
        return (one, url) -> {
            ClassicHttpRequest request;
            if (one.name.equals("get")) {
                URIBuilder uri = new URIBuilder(url);
                for (String[] pair : one.fields) {
                    uri.addParameter(pair[0], pair[1]);
                }
                request = new HttpGet(uri.build());
            } else {
                HttpPost post = new HttpPost(url);
                if (one.json != null) {
                    post.setHeader("Authorization", one.authorization());
                    post.setEntity(new StringEntity(one.json.toString(), ContentType.APPLICATION_JSON));
                } else if (one.file != null) {
                    MultipartEntityBuilder parts = MultipartEntityBuilder.create();
                    if (one.name.equals("extended")) {
                        parts.setMode(HttpMultipartMode.EXTENDED);
                    }
                    ContentType text = ContentType.TEXT_PLAIN.withCharset(StandardCharsets.UTF_8);
                    for (String[] pair : one.fields) {
                        parts.addTextBody(pair[0], pair[1], text);
                    }
                    ContentType type = ContentType.create(one.file.type);
                    post.setEntity(parts.addBinaryBody(one.file.name, one.file.content(), type, one.file.filename).build());
                } else {
                    List<BasicNameValuePair> pairs =
                        Arrays.stream(one.fields).map(pair -> new BasicNameValuePair(pair[0], pair[1])).collect(Collectors.toList());
                    post.setEntity(new UrlEncodedFormEntity(pairs, StandardCharsets.UTF_8));
                }
                if (one.name.equals("expect")) {
                    post.setConfig(RequestConfig.custom().setExpectContinueEnabled(true).build());
                }
                request = post;
            }
            client.execute(request, answer -> {
                EntityUtils.consume(answer.getEntity());
                return null;
            });
        };
    }

    static Sender okhttp() {
        OkHttpClient client = new OkHttpClient();
        return (one, url) -> {
            Request.Builder request = new Request.Builder().url(url);
            if (one.name.equals("get")) {
                HttpUrl.Builder target = HttpUrl.get(url).newBuilder();
                for (String[] pair : one.fields) {
                    target.addQueryParameter(pair[0], pair[1]);
                }
                request.url(target.build());
            } else if (one.json != null) {
                request.header("Authorization", Credentials.basic(one.user, one.password))
                    .post(RequestBody.create(one.json.toString(), MediaType.get("application/json")));
            } else if (one.file != null) {
                MultipartBody.Builder parts = new MultipartBody.Builder().setType(MultipartBody.FORM);
                for (String[] pair : one.fields) {
                    parts.addFormDataPart(pair[0], pair[1]);
                }
                RequestBody content = RequestBody.create(one.file.content(), MediaType.get(one.file.type));
                RequestBody upload = parts.addFormDataPart(one.file.name, one.file.filename, content).build();
                request.post(one.name.equals("chunked") ? streamed(upload) : upload);
            } else {
                FormBody.Builder form = new FormBody.Builder();
                for (String[] pair : one.fields) {
                    form.add(pair[0], pair[1]);
                }
                request.post(form.build());
            }
            try (Response answer = client.newCall(request.build()).execute()) {
                answer.body().bytes();
            }
        };
    }

    /** The body without its length. */
    static RequestBody streamed(RequestBody body) {
        return new RequestBody() {
            @Override public MediaType contentType() {
                return body.contentType();
            }

            @Override public void writeTo(BufferedSink sink) throws IOException {
                body.writeTo(sink);
            }
        };
    }
}
