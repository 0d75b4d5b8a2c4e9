/*
 * Serves one page over HTTP/1.1: hello-server ADDRESS PORT PAGE
 *
 * ADDRESS is an IPv6 or IPv4 address, PAGE a file of HTML in UTF-8, read once at the start. One thread answers many
 * clients; each has five seconds and 8 KiB for its request, and one answer per connection.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64, REQUEST_BYTES = 8192, PAGE_BYTES = 1 << 20, CLIENT_MS = 5000, GOODBYE_MS = 1000 };

enum stage { FREE, READING, WRITING, GOODBYE };

struct answer {
    char *bytes;
    size_t length;
    size_t head; /* how many of them a HEAD request gets */
};

struct client {
    enum stage stage;
    int socket;
    long long deadline;
    size_t received, sent, to_send;
    const struct answer *answer;
    char request[REQUEST_BYTES];
};

static struct client clients[CLIENTS];
static struct answer page, bad_request, not_found, not_allowed, too_large;

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("hello-server: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void prepare(struct answer *answer, const char *status, const char *type, const char *body, size_t length) {
    char *head;
    int head_length = asprintf(&head,
                               "HTTP/1.1 %s\r\n"
                               "Content-Type: %s\r\n"
                               "Content-Length: %zu\r\n"
                               "Cache-Control: no-cache\r\n"
                               "Allow: GET, HEAD\r\n"
                               "Connection: close\r\n"
                               "\r\n",
                               status, type, length);
    if (head_length < 0 || !(answer->bytes = malloc((size_t)head_length + length)))
        die("no memory for the answer");
    memcpy(answer->bytes, head, (size_t)head_length);
    memcpy(answer->bytes + head_length, body, length);
    answer->head = (size_t)head_length;
    answer->length = (size_t)head_length + length;
    free(head);
}

static void prepare_error(struct answer *answer, const char *status) {
    char body[128];
    int length = snprintf(body, sizeof body, "%s\n", status);
    prepare(answer, status, "text/plain; charset=utf-8", body, (size_t)length);
}

static void prepare_page(const char *path) {
    static char body[PAGE_BYTES + 1];
    FILE *file = fopen(path, "rb");
    if (!file)
        die("%s cannot be read: %s", path, strerror(errno));
    size_t length = fread(body, 1, sizeof body, file);
    if (ferror(file))
        die("%s cannot be read: %s", path, strerror(errno));
    if (length > PAGE_BYTES)
        die("%s is larger than %d bytes", path, PAGE_BYTES);
    fclose(file);
    prepare(&page, "200 OK", "text/html; charset=utf-8", body, length);
}

static int listen_on(const char *address, const char *port) {
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *found;
    int problem = getaddrinfo(address, port, &wanted, &found);
    if (problem)
        die("%s port %s is no address: %s", address, port, gai_strerror(problem));
    int listener = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
        || bind(listener, found->ai_addr, found->ai_addrlen) || listen(listener, 128))
        die("%s port %s cannot be listened on: %s", address, port, strerror(errno));
    freeaddrinfo(found);
    return listener;
}

static void start_writing(struct client *client, const struct answer *answer, int head_only) {
    client->answer = answer;
    client->to_send = head_only ? answer->head : answer->length;
    client->stage = WRITING;
}

/* Chooses the answer to a request whose header is complete; the body, if any, is not looked at. */
static void answer_request(struct client *client) {
    static char target[REQUEST_BYTES];
    char method[16], version[16];
    if (sscanf(client->request, "%15s %8191s %15s", method, target, version) != 3 || strncmp(version, "HTTP/1.", 7)) {
        start_writing(client, &bad_request, 0);
        return;
    }
    int is_head = !strcmp(method, "HEAD");
    if (strcmp(method, "GET") && !is_head)
        start_writing(client, &not_allowed, 0);
    else if (strcmp(target, "/") && strncmp(target, "/?", 2))
        start_writing(client, &not_found, is_head);
    else
        start_writing(client, &page, is_head);
}

static void close_client(struct client *client) {
    close(client->socket);
    client->stage = FREE;
}

static void read_request(struct client *client) {
    ssize_t count = recv(client->socket, client->request + client->received, REQUEST_BYTES - 1 - client->received, 0);
    if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR))
            close_client(client);
        return;
    }
    client->received += (size_t)count;
    client->request[client->received] = '\0';
    if (memmem(client->request, client->received, "\r\n\r\n", 4))
        answer_request(client);
    else if (client->received == REQUEST_BYTES - 1)
        start_writing(client, &too_large, 0);
}

static void write_answer(struct client *client) {
    ssize_t count = send(client->socket, client->answer->bytes + client->sent, client->to_send - client->sent,
                         MSG_NOSIGNAL);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR)
            close_client(client);
        return;
    }
    client->sent += (size_t)count;
    if (client->sent == client->to_send) {
        /* Read what still comes before closing: closing at once could take the answer away from the client. */
        shutdown(client->socket, SHUT_WR);
        client->stage = GOODBYE;
        client->deadline = now_ms() + GOODBYE_MS;
    }
}

static void wait_for_goodbye(struct client *client) {
    ssize_t count = recv(client->socket, client->request, REQUEST_BYTES, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        close_client(client);
}

static void accept_client(int listener) {
    for (struct client *client = clients; client < clients + CLIENTS; client++) {
        if (client->stage != FREE)
            continue;
        int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0)
            return;
        client->socket = socket;
        client->received = client->sent = 0;
        client->deadline = now_ms() + CLIENT_MS;
        client->stage = READING;
    }
}

static void serve(int listener) {
    for (;;) {
        struct pollfd waits[CLIENTS + 1];
        int free_places = 0, timeout = -1;
        long long now = now_ms();
        for (int i = 0; i < CLIENTS; i++) {
            struct client *client = &clients[i];
            if (client->stage != FREE && client->deadline <= now)
                close_client(client);
            waits[i] = (struct pollfd){.fd = -1};
            if (client->stage == FREE) {
                free_places++;
                continue;
            }
            waits[i] = (struct pollfd){.fd = client->socket, .events = client->stage == WRITING ? POLLOUT : POLLIN};
            int left = (int)(client->deadline - now);
            timeout = timeout < 0 || left < timeout ? left : timeout;
        }
        /* With every place taken, new clients wait in the kernel's queue. */
        waits[CLIENTS] = (struct pollfd){.fd = free_places ? listener : -1, .events = POLLIN};
        if (poll(waits, CLIENTS + 1, timeout) < 0 && errno != EINTR)
            die("poll failed: %s", strerror(errno));
        for (int i = 0; i < CLIENTS; i++) {
            if (waits[i].fd < 0 || !waits[i].revents)
                continue;
            switch (clients[i].stage) {
            case READING: read_request(&clients[i]); break;
            case WRITING: write_answer(&clients[i]); break;
            case GOODBYE: wait_for_goodbye(&clients[i]); break;
            case FREE: break;
            }
        }
        if (waits[CLIENTS].revents)
            accept_client(listener);
    }
}

int main(int count, char **arguments) {
    if (count != 4)
        die("usage: hello-server ADDRESS PORT PAGE");
    prepare_page(arguments[3]);
    prepare_error(&bad_request, "400 Bad Request");
    prepare_error(&not_found, "404 Not Found");
    prepare_error(&not_allowed, "405 Method Not Allowed");
    prepare_error(&too_large, "431 Request Header Fields Too Large");
    int listener = listen_on(arguments[1], arguments[2]);
    printf("hello-server: listening on %s port %s\n", arguments[1], arguments[2]);
    fflush(stdout);
    serve(listener);
}
