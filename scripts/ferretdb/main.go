// A MongoDB-compatible server for the tests: FerretDB 1.24 on SQLite, behind a gate that lets one write through at a time (gate.go).
//
// It prints the URL that it answers at on its first line of standard output, and ends when its standard input does, so that it never
// outlives the run that started it, however that run ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to answer at; port 0 is any free one")
	data := flag.String("data", "", "folder of the databases, which is there already")
	flag.Parse()
	if *data == "" {
		log.Fatal("--data is missing")
	}
	if err := serve(*listen, *data); err != nil {
		log.Fatal(err)
	}
}

func serve(listen, data string) error {
	folder, err := filepath.Abs(data)
	if err != nil {
		return err
	}
	socket := filepath.Join(folder, "ferretdb.sock")
	// FerretDB's own command cannot be built by `go install` (it wants a generated file); its library can. It sends no telemetry.
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socket},
		Handler:   "sqlite",
		SQLiteURL: "file:" + filepath.ToSlash(folder) + "/",
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go (&gate{socket: socket}).serve(listener)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	fmt.Printf("mongodb://%s\n", listener.Addr())
	return server.Run(ctx)
}
